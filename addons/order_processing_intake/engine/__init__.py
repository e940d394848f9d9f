"""What customers ask for, in plain Python: no Odoo in here."""
