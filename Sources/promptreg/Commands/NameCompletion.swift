import ArgumentParsing
import Jobs

/// The names that shells offer: those of the job on the command line, else of the only one here. No registry is asked.
enum NameCompletion: String {
    case targets
    case aliases
    case prompts
    /// Prompts, and behind `@` their aliases.
    case versions
    /// Several prompts with commas between them.
    case selection

    /// A value that is such a name, or the path of a file where that may be one, too.
    func value(_ metavar: String, orFile: Bool = false) -> ArgumentValue {
        .names(metavar, of: rawValue, orFile: orFile)
    }
}

extension NameCompletion {
    /// What a shell asks for.
    struct Request {
        private let kind: NameCompletion
        /// The word at the cursor.
        private let word: String

        /// Reads `KIND=WORD`; nil where there is no such kind.
        init?(_ text: String) {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let kind = NameCompletion(rawValue: String(parts[0])) else { return nil }
            self.kind = kind
            let word = parts.count > 1 ? parts[1] : ""
            let value = word.hasPrefix("--") ? word.split(separator: "=", maxSplits: 1).last : nil
            self.word = String(value ?? word)
        }

        /// The names.
        ///
        /// - Parameters:
        ///   - words: The words before the cursor, without the program's name.
        ///   - environment: The environment variables.
        /// - Returns: The names; none where no job is known.
        func names(after words: [String], environment: [String: String]) -> [String] {
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
            guard let path = value(of: JobOptions.job.flag) ?? words.last(where: isJob) ?? DefaultJob.only
            else { return [] }
            let target = kind == .targets ? nil : value(of: JobOptions.target.flag)
            let inputs = JobInputs(target: target, environment: environment)
            let job = LoadedJob(path: path, inputs: inputs, readsTemplates: false).state
            return job.map(names) ?? []
        }

        private func names(of job: DesiredState) -> [String] {
            let prompts = job.prompts.map(\.name)
            switch kind {
            case .targets: return job.targets
            case .aliases: return Self.aliases(job.prompts, of: job)
            case .prompts: return prompts
            case .versions:
                guard let at = word.lastIndex(of: "@") else { return prompts }
                let name = String(word[..<at])
                let meant = job.prompts.filter { [$0.name, $0.fullName].contains(name) }
                return meant.isEmpty
                    ? [] : (Self.aliases(meant, of: job) + ["latest"]).map { "\(name)@\($0)" }
            case .selection:
                guard let comma = word.lastIndex(of: ",") else { return prompts }
                let taken = word[...comma]
                let named = Set(taken.split(separator: ",").map(String.init))
                return prompts.filter { !named.contains($0) }.map { "\(taken)\($0)" }
            }
        }

        /// The aliases that prompts get from a run or from `promote`, which knows no names: the usual one at least.
        private static func aliases(_ prompts: [DesiredPrompt], of job: DesiredState) -> [String] {
            Set(prompts.flatMap(\.aliases) + job.policy.protectedAliases + ["production"]).sorted()
        }
    }
}
