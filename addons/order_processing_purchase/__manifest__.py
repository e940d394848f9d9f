{
    "name": "Order Processing: Purchase",
    "summary": "What customers wait for is bought, and what a vendor moves is followed to their orders",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Order Processing Project",
    "website": "https://github.com/order-processing/order-processing",
    "license": "LGPL-3",
    "depends": ["order_processing", "purchase_stock"],
    "data": [
        "security/ir.model.access.csv",
        "security/order_processing_purchase_rules.xml",
        "views/purchase_order_views.xml",
        "views/menus.xml",
    ],
    "auto_install": ["order_processing", "purchase_stock"],
}
