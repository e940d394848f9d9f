from . import sale_order_line
from . import product_product
