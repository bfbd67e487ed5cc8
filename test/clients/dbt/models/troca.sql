{{ config(materialized='incremental', incremental_strategy='insert_overwrite', partitioned_by=['dia'], on_schema_change='append_new_columns') }}
select id, valor, cast(dia as varchar) as dia from {{ ref('vendas_vista') }}
{% if is_incremental() %} where dia >= date '2025-10-21' {% endif %}
