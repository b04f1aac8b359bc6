from .lines import Lines

CONNECTORS = [Lines]
