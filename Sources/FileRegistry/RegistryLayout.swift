import Prompts

/// Where MLflow's file store keeps what, below its root, and what promptreg adds to that.
struct RegistryLayout: Hashable, Sendable {
    /// The registry's own folder.
    let root: String

    /// The folder of registered models, prompts among them. MLflow takes every folder in it for a model.
    static let modelsFolder = "models"
    /// The file that makes a folder a model, or a version of one.
    static let metaFile = "meta.yaml"
    /// The folder of tags: a file each, nested where the key has slashes.
    static let tagsFolder = "tags"
    /// The folder of aliases: a file each, which holds a version's number.
    static let aliasesFolder = "aliases"
    /// Where MLflow keeps deleted experiments.
    static let trashFolder = ".trash"
    /// The file that a run holds a lock on.
    static let lockFile = ".promptreg.lock"
    /// Where new prompts are made before they are put in place.
    ///
    /// MLflow takes the folders in its root for experiments, all but `models` and those whose names end in
    /// `.trash`.
    static let stagingFolder = ".promptreg.trash"
    /// What begins the names of things that are made in a model's own folder, where MLflow looks only at the
    /// names above and at those of versions.
    static let stagedPrefix = ".promptreg-"

    var models: String { root + "/" + Self.modelsFolder }
    var lock: String { root + "/" + Self.lockFile }
    var staging: String { root + "/" + Self.stagingFolder }

    func model(_ name: String) -> String { models + "/" + name }

    private static let versionPrefix = "version-"

    /// The name of a version's folder in its model's folder.
    static func versionFolder(_ number: Int) -> String { versionPrefix + String(number) }

    /// The number of the version that a folder of this name holds; nil where MLflow would find none by it.
    static func version(ofFolder name: String) -> Int? {
        guard name.hasPrefix(versionPrefix) else { return nil }
        let digits = name.dropFirst(versionPrefix.count)
        guard let number = PromptVersion.number(parsing: digits), String(number) == digits else { return nil }
        return number
    }
}
