{
    "name": "Order Processing: Kits",
    "summary": "Stock held for a kit is held for its parts",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Order Processing Project",
    "website": "https://github.com/order-processing/order-processing",
    "license": "LGPL-3",
    "depends": ["order_processing", "sale_mrp"],
    "auto_install": True,
}
