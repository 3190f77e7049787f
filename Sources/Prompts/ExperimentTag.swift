/// The values of the tag that links a prompt to experiments, to which several clients add: `,12,15,`.
package enum ExperimentTag {
    /// The experiments of a value.
    package static func experiments(in value: String?) -> [String] {
        (value ?? "").split(separator: ",").map(String.init)
    }

    /// The value with more experiments after those that it has.
    package static func adding(_ wanted: [String], to existing: String?) -> String {
        let old = experiments(in: existing)
        let added = wanted.filter { !old.contains($0) }
        guard !added.isEmpty || existing == nil else { return existing ?? "" }
        return "," + (old + added).joined(separator: ",") + ","
    }
}
