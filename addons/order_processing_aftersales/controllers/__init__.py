from . import portal_case
