{{ config(materialized='table', table_type='hive', format='json') }}
select a from {{ ref('efemero') }}
