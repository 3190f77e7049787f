"""The folders of prompts in `corpus`: what a job that is drafted for each of them has to take, and what not."""

from dataclasses import dataclass, field


@dataclass
class Layout:
    """What is expected of a folder."""

    # By name: the syntax where the job has to say it, `chat` for a chat prompt, and the variables.
    taken: dict[str, str]
    # The prompts that are comments, each with a part of its reason.
    left_out: dict[str, str] = field(default_factory=dict)
    # The files that hold no prompt, and other files that something is said of.
    others: str = ""


LAYOUTS = {
    "agent_config": Layout(
        {
            "agents_planner_system_prompt": "goal limit",
            "agents_planner_user_prompt": "goal",
            "agents_critic_system_prompt": "",
            "agents_critic_examples": "chat plan",
            "router": "request",
            "writer_v2": "topic",
            "judge": "python answer",
        },
        others="broken.yaml prompts.toml settings.yaml",
    ),
    "chats": Layout(
        {
            "calls": "chat city weather",
            "coder": "chat language task",
            "greeting": "chat name language",
            "picture": "chat name picture",
            "python": "python chat language question",
            "triage": "chat symptoms",
            "list_json": "chat question",
            "list_yml": "chat language question",
            "playground": "chat people wish",
        },
        {"no_role": "no role", "pairs": "LangChain's messages"},
    ),
    "coding_agent": Layout(
        {
            "AGENTS": "",
            "commands_fix-issue": "",
            "commands_review_prompt": "",
            "rules_empty_header": "question",
            "skills_tables_SKILL": "table",
        },
        {"agents_reviewer": "unexpected ':'", "rules_swift": "'*' begins an alias"},
    ),
    "crewai": Layout(
        {
            "researcher_role": "python topic",
            "researcher_goal": "python topic",
            "researcher_backstory": "python topic",
            "reporting_analyst_role": "python topic",
            "reporting_analyst_goal": "python topic",
            "reporting_analyst_backstory": "",
            "research_task_description": "python topic current_year",
            "research_task_expected_output": "python topic",
            # They have no variables, but are what the other task has at the same keys.
            "reporting_task_description": "",
            "reporting_task_expected_output": "",
        }
    ),
    "dotprompt": Layout(
        {
            "coach_variant": "chat sport",
            "menu": "chat guest diet",
            "plain": "text language",
            "talk": "chat question",
        },
        {"conditional": "{{#if name}}", "picture": "{{media url=photo}}"},
        others="_style.prompt",
    ),
    "evaluations": Layout(
        {
            "translate": "text language",
            "judge_prompt": "python question answer",
            "prompts_0": "language text",
        },
        others="cases.json promptfooconfig.yaml",
    ),
    "github_models": Layout(
        {"labels": "chat issue", "review": "chat language diff"}, others="workflows/check.yml"
    ),
    "health": Layout(
        {
            "consent": "",
            "dose": "dose",
            "intake": "chat age symptoms",
            "risk": "patient",
            "verbatim": "",
        }
    ),
    "jinja": Layout(
        {
            "answer": "audience documents question",
            "expression": "",
            "filters": "topics limit",
            "letter": "jinja2 name late",
            "plain": "word language",
            "raw": "example",
            "tools": "tools",
            "with_rules": "jinja2 strict subject",
        },
        {
            "child": "'extends'",
            "imported": "'import'",
            "partials_rules": "its text is put into with_rules.md",
            "unclosed": "never closed",
        },
        others="_header.j2",
    ),
    "langchain": Layout(
        {
            "chat": "chat language question",
            "example_prompt": "python input output",
            "suffix": "python adjective",
            "report": "jinja2 rows",
            "short": "name",
            "summary": "python words text",
            "translate": "python language text",
            "usual": "python topic",
        },
        {"dumped": "LangChain's messages"},
        others="few_shot.yaml",
    ),
    "languages": Layout(
        {f"{language}_{key}": "name" for language in ["de", "en", "fr"] for key in ["greeting", "farewell"]}
    ),
    "markdown_agent": Layout(
        {
            "2nd-line": "ticket",
            "Escalation_Notes_v2": "ticket",
            "summary": "",
            "support_refund": "order reason",
            "support_system": "customer plan language order.id",
            "triage": "message",
        },
        {"later": "empty"},
        others="README.md _draft.md support/_tone.md",
    ),
    "mustache": Layout(
        {
            "actions": "secrets.TOKEN problem",
            "commit": "diff",
            "dotted": "user.name booking.seat",
            "latex": "claim",
            "mixed": "message",
            "reviewer": "repository diff",
            "section": "name",
            "triple": "quote",
        }
    ),
    "prompty": Layout(
        {
            "basic": "chat firstName question",
            "complete": "beginning",
            "picture": "chat question image",
            "rag": "chat documents question",
            "second": "chat question",
        }
    ),
    "research": Layout(
        {
            "prompts_01-search": "topic year",
            "prompts_02-read": "paper",
            "prompts_CON": "author",
            "prompts_notes_methods_md": "paper",
            "prompts_notes_methods_txt": "python paper",
            "prompts_notes_methods_j2": "count",
            "prompts_r_sum": "paper",
        },
        {"cycle_a": "include each other", "cycle_b": "include each other", "missing": "no file 'nowhere'"},
        others="data/table.csv notebook.ipynb",
    ),
    "semantic_kernel": Layout(
        {"Chat_skprompt": "", "bars": "name language", "story": "jinja2 topic length"},
        {"own": "it is written for semantic-kernel"},
        others="Chat/config.json own.yaml story.yaml",
    ),
    "str_format": Layout(
        {
            "answer": "python context question",
            "extract": "python letter",
            "few_shot": "python text",
            "grade": "python answer reference",
            "one_object": "",
            "positions": "",
            "price": "",
            "schema": "",
            "system": "",
        },
        others="format_prompts.py",
    ),
    "tools": Layout(
        {"answer": "text", "weather": "city"},
        {"lost": "'nowhere.json' does not exist"},
        others="schemas/answer.json tools.json",
    ),
    "windows": Layout(
        {
            "ask": "chat question",
            "fields": "python things",
            "greeting": "name",
            "header": "name",
            "loop": "items",
            "helper": "name problem",
            "chat": "chat question",
        },
        others="old.txt wide.txt",
    ),
}  # fmt: skip
