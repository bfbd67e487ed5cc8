/**
 * What public DNS says: every name under localhost.localstack.cloud is 127.0.0.1. Tools rely on it; the machine that runs
 * the tests may have no DNS.
 */
const dns = require('node:dns')

const lookup = dns.lookup
dns.lookup = (name, ...rest) => lookup(/(^|\.)localhost\.localstack\.cloud$/.test(name) ? '127.0.0.1' : name, ...rest)
