{
    "name": "Order Processing: DHL",
    "summary": "Where parcels of all DHL divisions are, by one free key of DHL's developer portal",
    "version": "19.0.1.0.0",
    "category": "Inventory/Delivery",
    "author": "Order Processing Project",
    "website": "https://github.com/order-processing/order-processing",
    "license": "LGPL-3",
    "depends": ["order_processing"],
    "data": [
        "data/order_tracking_carrier.xml",
        "data/order_tracking_status_map.xml",
        "views/order_tracking_provider_views.xml",
    ],
}
