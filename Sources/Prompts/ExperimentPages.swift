/// A registry whose pages of prompts belong to experiments, each of which shows the prompts of one schema.
package protocol ExperimentPages: Sendable {
    /// Which prompts an experiment shows.
    ///
    /// - Parameter experiment: The experiment's id.
    /// - Returns: The schema that it names; nil where it names none, and so shows no prompts.
    /// - Throws: `RegistryError`, with `.notFound` where there is no such experiment.
    func schemaShown(in experiment: String) async throws(RegistryError) -> String?

    /// Lets an experiment show the prompts of a schema.
    ///
    /// - Parameters:
    ///   - schema: The schema.
    ///   - experiment: The experiment's id.
    /// - Throws: `RegistryError`.
    func showPrompts(of schema: QualifiedName.Schema, in experiment: String) async throws(RegistryError)
}
