"""The commands of `lindero`, one module for each part of the work; `every` has them all."""
