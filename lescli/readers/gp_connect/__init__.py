"""GP Connect bundles: reading their FHIR, and deciding which resources are entries that can be trusted."""
