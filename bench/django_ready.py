"""Makes Django's models importable in a benchmark that asks no database: imported before anything that has models."""

import django

django.setup()
