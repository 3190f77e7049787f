import Diagnostics
import Support
import YAML

extension Diagnostic.Code {
    static let unknownTarget = Self(rawValue: "unknown-target")
    static let severalDefaults = Self(rawValue: "several-defaults")
}

/// Which target a run uses, and what value each of the job's variables has.
struct VariableValues {
    /// The target in use; nil when the job has none.
    private(set) var target: String?
    /// The value of each declared variable; nil where there is none.
    private(set) var values: [String: String?] = [:]
    /// The problems found.
    private(set) var diagnostics: [Diagnostic] = []
    private var hints = NameHints()

    /// Reads the `targets` and `variables` of a spec that is not interpolated yet.
    ///
    /// - Parameters:
    ///   - root: The spec.
    ///   - inputs: What the run passes.
    init(of root: YAMLNode, inputs: JobInputs) {
        target = chooseTarget(root, inputs)
        let overrides = target.flatMap { root["targets"]?[$0]?["variables"]?.entries } ?? []
        let declared = root["variables"]?.entries ?? []
        for entry in declared {
            let value: String? =
                inputs.variables[entry.key]
                ?? inputs.environment["PROMPTREG_VAR_\(entry.key)"]
                ?? inputs.environment["PROMPTREG_VAR_\(entry.key.uppercased())"]
                ?? overrides.first { $0.key == entry.key }?.value.scalarText
                ?? entry.value["default"]?.scalarText
            values.updateValue(value, forKey: entry.key)
        }
        for targetEntry in root["targets"]?.entries ?? [] {
            for entry in targetEntry.value["variables"]?.entries ?? [] {
                checkDeclared(entry.key, at: entry.keyLocation, length: entry.keyLength)
            }
        }
        for name in inputs.variables.keys.sorted() { checkDeclared(name, at: nil, length: 1) }
    }

    private mutating func chooseTarget(_ root: YAMLNode, _ inputs: JobInputs) -> String? {
        let targets = root["targets"]?.entries ?? []
        let defaults = targets.filter { $0.value["default"]?.flag == true }
        for entry in defaults.dropFirst() {
            diagnostics.append(
                entry.keyError(
                    .severalDefaults, "'\(entry.key)' is a second default target",
                    help: "'\(defaults[0].key)' is the default already"))
        }
        guard let asked = inputs.target ?? JobInputs.target(in: inputs.environment) else {
            return defaults.first?.key
        }
        if targets.contains(where: { $0.key == asked }) { return asked }
        let names = targets.map(\.key)
        let place = root.entries?.first { $0.key == "targets" }
        diagnostics.append(
            .error(
                .unknownTarget,
                "the job has no target '\(asked)'"
                    + (inputs.target == nil ? " (from \(JobInputs.targetVariable))" : ""),
                at: place?.keyLocation ?? root.location, length: place?.keyLength ?? 1,
                help: didYouMean(asked, in: names)
                    ?? (names.isEmpty
                        ? "it declares no targets" : "its targets are \(names.joined(separator: ", "))")))
        return nil
    }

    private mutating func checkDeclared(_ name: String, at location: SourceLocation?, length: Int) {
        guard values[name] == nil else { return }
        let flag = location == nil ? "--var \(name): " : ""
        diagnostics.append(
            .error(
                .undeclaredVariable, "\(flag)the variable '\(name)' is not declared", at: location,
                length: length,
                help: hints.didYouMean(name, in: values.keys.sorted()) ?? "declare it under 'variables'"))
    }
}
