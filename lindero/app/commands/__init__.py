"""The commands of `lindero`, one module for each group of tasks. `index` imports all of them."""
