// Imported before everything else: graphql and express check much more, on every value, where this is not set.
process.env['NODE_ENV'] ??= 'production';
