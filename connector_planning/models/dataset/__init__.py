from . import fin_dataset
from . import fin_object_dataset
from . import fin_dataset_rows
from . import fin_dataset_manifest
from . import fin_run_dataset
