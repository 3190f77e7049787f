import Prompts

/// The layout of MLflow's file store below its root, and of what promptreg adds.
struct RegistryLayout: Hashable, Sendable {
    /// The registry's own folder.
    let root: String

    /// The folder of registered models, prompts among them. MLflow takes every folder in it for a model.
    static let modelsFolder = "models"
    /// The file that makes a folder a model, or a version of one.
    static let metaFile = "meta.yaml"
    /// The folder of tags: a file each, nested where the key has slashes.
    static let tagsFolder = "tags"
    /// The folder of aliases: a file each, which contains a version number.
    static let aliasesFolder = "aliases"
    /// Where MLflow keeps deleted experiments.
    static let trashFolder = ".trash"
    /// The file that a run locks.
    static let lockFile = ".promptreg.lock"
    /// Where new prompts are staged. MLflow takes the folders of the root for experiments, except `models` and those
    /// whose names end in `.trash`.
    static let stagingFolder = ".promptreg.trash"
    /// Starts the names of what is staged in a model's own folder, where MLflow reads only known names.
    static let stagedPrefix = ".promptreg-"

    var models: String { root + "/" + Self.modelsFolder }
    var lock: String { root + "/" + Self.lockFile }
    var staging: String { root + "/" + Self.stagingFolder }

    func model(_ name: String) -> String { models + "/" + name }

    private static let versionPrefix = "version-"

    /// The name of a version's folder in its model's folder.
    static func versionFolder(_ number: Int) -> String { versionPrefix + String(number) }

    /// The version number in a folder's name; nil where MLflow would not find a version by it.
    static func version(ofFolder name: String) -> Int? {
        guard name.hasPrefix(versionPrefix) else { return nil }
        let digits = name.dropFirst(versionPrefix.count)
        guard let number = PromptVersion.number(parsing: digits), String(number) == digits else { return nil }
        return number
    }
}
