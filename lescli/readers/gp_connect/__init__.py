"""GP Connect bundles: what FHIR says, which entries it holds, and what speaks against one."""
