export const handler = async () => ({ versao: 1 })
