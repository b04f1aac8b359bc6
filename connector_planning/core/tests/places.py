"""File connectors to whatever kind of place a test is given."""

from odoo.addons.connector_planning.core.dataset_files import DatasetFiles


def connected(location, cls=DatasetFiles, **more):
    """The connector to a place, as the fixture `location` gives it."""
    settings, (roots, allowed_hosts) = location
    made = cls(**settings, **more)
    made.roots, made.allowed_hosts = roots, allowed_hosts
    return made
