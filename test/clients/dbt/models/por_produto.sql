{{ config(materialized='table', format='parquet', write_compression='snappy') }}
select produto, sum(valor) as total, count(*) as n from {{ ref('vendas_vista') }} group by 1
