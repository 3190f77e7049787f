import ArgumentParsing
import Jobs

/// The names that shells offer: those of the job on the command line, else of the only one here. No registry is asked.
enum NameCompletion: String {
    case targets
    case aliases
    case prompts

    /// The names.
    ///
    /// - Parameters:
    ///   - words: The words before the cursor, without the program's name.
    ///   - environment: The environment variables.
    /// - Returns: The names; none where no job is known.
    func names(for words: [String], environment: [String: String]) -> [String] {
        func value(of flag: Flag) -> String? {
            for (word, next) in zip(words, words.dropFirst() + [""]).reversed() {
                if flag.spellings.contains(word) { return next }
                if word.hasPrefix(flag.spelling + "=") {
                    return String(word.dropFirst(flag.spelling.count + 1))
                }
            }
            return nil
        }
        let isJob = { (word: String) in word.hasSuffix(".yaml") || word.hasSuffix(".yml") }
        guard let path = value(of: JobOptions.job.flag) ?? words.last(where: isJob) ?? DefaultJob.only else {
            return []
        }
        let target = self == .targets ? nil : value(of: JobOptions.target.flag)
        let inputs = JobInputs(target: target, environment: environment)
        guard let job = LoadedJob(path: path, inputs: inputs, readsTemplates: false).state else { return [] }
        return switch self {
        case .targets: job.targets
        case .aliases: Set(job.prompts.flatMap(\.aliases)).sorted()
        case .prompts: job.prompts.map(\.name)
        }
    }

    /// A value that is such a name.
    func value(_ metavar: String) -> ArgumentValue { .names(metavar, of: rawValue) }
}
