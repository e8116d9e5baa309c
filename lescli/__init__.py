"""Run a GP practice's Local Enhanced Services: registers, recalls, claims and reports, one plugin a specification."""

__version__ = "0.1.0"
