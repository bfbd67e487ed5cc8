"""A clean-room `awsglue`: the part of AWS Glue's Python library that runs on Igarapé's engines. What is not here raises."""
