"""The AWS services that the run answers itself, one module each, and moto's for the rest."""
