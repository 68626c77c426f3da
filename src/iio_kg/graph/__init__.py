"""The knowledge graph: vocabulary, concepts, claims with their evidence, and the store that answers SPARQL."""
