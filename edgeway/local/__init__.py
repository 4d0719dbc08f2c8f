"""The local server: plays API Gateway before the functions of template.yaml, which it loads into its own process."""
