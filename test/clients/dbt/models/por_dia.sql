{{ config(materialized='table', partitioned_by=['dia'], bucketed_by=['id'], bucket_count=2) }}
select id, valor, cast(dia as varchar) as dia from {{ ref('vendas_vista') }}
