import Diagnostics
import Prompts
import YAML

extension Diagnostic.Code {
    /// A name or a tag that Unity Catalog refuses.
    static let unityCatalog = Self(rawValue: "unity-catalog")
}

/// What Unity Catalog demands of names and tags, checked where the job says them.
struct UnityCatalogRules {
    /// The problems found.
    private(set) var diagnostics: [Diagnostic] = []

    /// The rules for a job; nil where its registry is another one.
    ///
    /// - Parameters:
    ///   - spec: The spec.
    ///   - passed: The registry in place of all others; nil without one.
    ///   - registry: The registry that the target or the job names.
    ///   - environment: Names the registry where they do not.
    ///   - isQualified: Whether the job names a catalog or a schema; one alone is an error for every registry.
    init?(
        _ spec: YAMLNode, passed: String?, named registry: YAMLNode?, environment: [String: String],
        isQualified: Bool
    ) {
        let named = [
            passed, registry?.text, environment["MLFLOW_REGISTRY_URI"], environment["MLFLOW_TRACKING_URI"],
        ]
        let address = named.compactMap(\.self).first { !$0.isEmpty } ?? ""
        guard address == "databricks-uc" || address.hasPrefix("databricks-uc://") else { return nil }
        if !isQualified {
            diagnostics.append(
                (registry ?? spec).error(
                    .unityCatalog, "Unity Catalog needs a catalog and a schema, and the job has none",
                    help: "set 'catalog' and 'schema', in the job or in its target"))
        }
        if let prefix = spec["name_prefix"], prefix.text?.contains(".") == true {
            diagnostics.append(Self.dots(in: "name_prefix", at: prefix.location, length: prefix.length))
        }
    }

    /// Checks a prompt.
    mutating func check(_ entry: PromptEntry) {
        if entry.name.contains(".") {
            diagnostics.append(
                Self.dots(in: "'\(entry.name)'", at: entry.location, length: entry.name.unicodeScalars.count))
        }
        for tag in entry.node?["tags"]?.entries ?? [] {
            guard let problem = NameRules.unityCatalogProblem(withTagKey: tag.key) else { continue }
            let other = String(tag.key.map { ".,-=/:".contains($0) ? "_" : $0 })
            diagnostics.append(
                tag.keyError(
                    .unityCatalog, "the tag '\(tag.key)': \(problem)", help: "write '\(other)', for example"))
        }
    }

    private static func dots(in name: String, at place: SourceLocation, length: Int) -> Diagnostic {
        .error(
            .unityCatalog, "\(name) has a dot, and Unity Catalog takes three levels: catalog.schema.name",
            at: place, length: length, help: "write '_' in its place")
    }
}
