"""Decisions about cases, in plain Python: no Odoo in here."""
