from . import fin_demo
