"""What the command line commands do; nothing here is needed to run the addon."""

from ..engine import made_up, order_file, price_steps
from . import order_file_report, order_file_run, order_file_setup
