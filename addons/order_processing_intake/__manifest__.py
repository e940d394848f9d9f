{
    "name": "Order Processing: Intake",
    "summary": "Customers order in the portal by number, by pasting a list or by a file, at their own prices",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Order Processing Project",
    "website": "https://github.com/order-processing/order-processing",
    "license": "LGPL-3",
    "depends": ["order_processing"],
    "data": [
        "security/ir.model.access.csv",
        "security/order_processing_intake_rules.xml",
        "data/order_channel_data.xml",
        "views/order_quick_views.xml",
        "views/product_template_views.xml",
        "views/res_config_settings_views.xml",
        "views/portal_templates.xml",
        "views/portal_quick_order_templates.xml",
        "views/portal_quick_lists_templates.xml",
        "views/menus.xml",
    ],
    "demo": ["demo/order_quick_demo.xml"],
    "assets": {
        "web.assets_frontend": [
            "order_processing_intake/static/src/**/*",
        ],
        "web.assets_tests": ["order_processing_intake/static/tests/tours/**/*"],
    },
}
