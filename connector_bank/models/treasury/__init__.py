# In the order in which they build on each other.
from . import fin_cash_day
from . import fin_cash_screen
from . import fin_cash_forecast
from . import fin_tower_cash
