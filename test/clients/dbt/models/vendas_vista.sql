{{ config(materialized='view') }}
select id, produto, valor, cast(dia as date) as dia from {{ ref('vendas_cruas') }}
