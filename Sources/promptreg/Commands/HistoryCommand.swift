import ArgumentParsing
import FoundationEssentials
import Jobs
import Prompts
import Reporting
import Support
import Views

/// `promptreg history`: prints the journal of a prompt's alias moves, and what it tells of a time or a commit.
struct HistoryCommand: ViewCommand {
    /// The prompt; nil where a job is named, or nothing.
    var name: String?
    var time: Date?
    /// How long ago that is, where it was written so.
    var age: String?
    /// What the commit begins with, or a name that git has for it.
    var commit: String?
    var view = ViewOptions()

    func validate() throws(UsageError.Reason) {
        if time != nil, commit != nil { throw .conflictingFlags("--at", "--commit") }
        if name == nil, time == nil, commit == nil {
            throw .missingArgument("NAME (or --at or --commit, for a whole job)")
        }
    }

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        let place = try context.place(view.job)
        if let time {
            let served = try await context.read(place, view.remote) { registry async throws(RegistryError) in
                try await ServedAliases(of: try await names(in: place, registry), at: time, in: registry)
            }
            let isEmpty = served.prompts.allSatisfy(\.places.isEmpty)
            let nothing =
                served.prompts.isEmpty
                ? "none of these prompts is registered in \(place.address.description)"
                : "no alias was set then, as far as the registry tells"
            context.console.note(
                isEmpty ? nothing : "moves that promptreg did not make are known only by what they left")
            if let age { context.console.note("\(age) ago was \(time.timestamp)") }
            if time > Date() { context.console.note("that time is in the future: this is how it is now") }
            context.console.write(served, as: view.format)
        } else if let name = commit {
            let commit = try await sha(of: name, place, context)
            let found = try await context.read(place, view.remote) { registry async throws(RegistryError) in
                try await CommitVersions(
                    from: commit, of: try await names(in: place, registry), in: registry)
            }
            if found.entries.isEmpty { context.console.note("no version came from commit \(commit)") }
            context.console.write(found, as: view.format)
        } else if let name {
            try await printJournal(of: place.fullName(name), in: place, context)
        }
        return .done
    }

    /// What a commit begins with that git may have another name for.
    private func sha(
        of name: String, _ place: Place, _ context: CommandContext
    ) async throws(CommandFailure) -> String {
        if 4...64 ~= name.utf8.count, name.allSatisfy(\.isHexDigit) { return name.lowercased() }
        let git = GitRepository(
            environment: context.environment, console: context.console, timeLimit: view.remote.timeout)
        guard let commit = await git.commit(named: name, in: place.job?.specFolder ?? "") else {
            throw CommandFailure(
                .usage, "git knows no commit '\(name)' here",
                hint: "pass the SHA of the commit, or the first four or more of its digits")
        }
        context.console.note("\(name) is the commit \(commit)")
        return commit
    }

    private func printJournal(
        of name: String, in place: Place, _ context: CommandContext
    ) async throws(CommandFailure) {
        let history = try await context.read(place, view.remote) {
            registry async throws(RegistryError) in
            try AliasHistory(of: try await registry.observe(existing: name))
        }
        if history.moves.isEmpty {
            context.console.note("the journal of '\(name)' records no alias move")
        }
        context.console.write(history, as: view.format)
    }

    /// The full names of the prompts that are meant: the one that is named, the job's, else all.
    private func names(in place: Place, _ registry: any PromptRegistry) async throws(RegistryError)
        -> [String]
    {
        if let name { return [try await registry.observe(existing: place.fullName(name)).name] }
        if let job = place.job { return job.prompts.map(\.fullName) }
        return try await registry.names(matching: PromptQuery())
    }

    static let name = "history"
    static let definition = CommandDefinition<Self>(
        name, summary: "Print the journal of alias moves, or what served at a time",
        discussion: [
            "Lists the moves that promptreg made, newest first: when, who, from which version to which, at which "
                + "commit (*: with changes that were not committed) and by which job. The aliases that a prompt's first run sets are not moves. An alias "
                + "that something else has moved since is marked with where it is now. --at and --commit take a "
                + "prompt, or a job for all of its prompts."
        ],
        arguments: [
            Argument(
                Positional(
                    NameCompletion.prompts.value("JOB|NAME", orFile: true), arity: .optional,
                    help: "A prompt's full name, or its name in the job; a job only with --at or --commit")
            ) { command, words throws(ArgumentProblem) in
                guard let word = words.first else { return }
                if Subjects.isPath(word) {
                    command.view.job.path = word
                } else {
                    command.name = try Subjects.name(word)
                }
            }
        ],
        options: [
            OptionGroup(
                "History flags",
                [
                    Option(
                        Flag(
                            "at", value: .text("TIME"),
                            help:
                                "Which version each alias served then: RFC 3339, a date in UTC, or how long ago, such as 12h"
                        )
                    ) { command, text throws(ArgumentProblem) in
                        guard let time = try TraceOptions.moment(text) else { return }
                        command.time = Date(timeIntervalSince1970: Double(time) / 1_000)
                        command.age = milliseconds(ofAge: text) == nil ? nil : text
                    },
                    Option(
                        Flag(
                            "commit", value: .text("SHA"),
                            help:
                                "Which versions came from this commit, or one that begins so; also HEAD or a branch of git here"
                        ),
                        \.commit
                    ) { text throws(ArgumentProblem) in
                        guard !text.isEmpty, !text.hasPrefix("-") else {
                            throw ArgumentProblem("it is no commit")
                        }
                        return text
                    },
                ]), OptionGroup("Registry flags", ViewOptions.place.at(\.view)),
        ]
            + ViewOptions.groups(\.view, ConsoleOptions.views),
        examples: [
            Command.Example(
                "promptreg history main.agent.prompt_cost", "Show who moved production, and when"),
            Command.Example(
                "promptreg history jobs/health_monitor.yaml --at 2026-11-21T13:05:00Z",
                "Show what the aliases of a job served then"),
        ])
}
