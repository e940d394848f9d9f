"""Decisions as plain Python: values in, values with a reason out. Nothing here knows Odoo."""
