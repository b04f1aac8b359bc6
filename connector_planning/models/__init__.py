from . import fin_object_actual
