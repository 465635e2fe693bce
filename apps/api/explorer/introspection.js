export const INTROSPECTION = `query {
  __schema {
    queryType { name } mutationType { name } subscriptionType { name }
    types {
      kind name description
      fields(includeDeprecated: true) {
        name description type { ...TypeRef }
        args { name description type { ...TypeRef } defaultValue }
      }
      inputFields { name description type { ...TypeRef } }
      enumValues { name description }
    }
  }
}
fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }`;
