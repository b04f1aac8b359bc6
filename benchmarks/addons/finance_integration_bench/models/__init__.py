from . import fin_object_nothing
