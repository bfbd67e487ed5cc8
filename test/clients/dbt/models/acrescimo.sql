{{ config(materialized='incremental', incremental_strategy='append') }}
select id, produto from {{ ref('vendas_vista') }}
{% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}
