from . import fin_object_dimension
from . import fin_object_dimension_retired
