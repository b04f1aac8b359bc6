from . import fin_preview
from . import fin_preview_screen
