-- depends_on: {{ ref('vendas_cruas') }}
select * from {{ source('externa','vendas_cruas') }} where valor < 0
