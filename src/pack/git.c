/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/git.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "base/text.h"

#define ARGUMENTS_MAX 12
#define PATH_DEFAULT  "/usr/bin:/bin"
#define ANSWER_MAX    ((size_t)1 << 20)

static int open_answer(posix_spawn_file_actions_t *actions, int fds[2],
                       struct err *err)
{
	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_set(err, ERR_SYSTEM, errno, "making a pipe");
	if (posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY,
	                                     0) != 0 ||
	    posix_spawn_file_actions_adddup2(actions, fds[1], 1) != 0 ||
	    posix_spawn_file_actions_addopen(actions, 2, "/dev/null", O_WRONLY,
	                                     0) != 0)
		return err_nomem(err);
	return 0;
}

/* Where git is: the first of the folders of @path that has it. */
static bool find_git(const char *path, char out[FS_PATH_MAX])
{
	while (*path != '\0') {
		size_t len = strcspn(path, ":");
		int n = snprintf(out, FS_PATH_MAX, "%.*s/git", (int)len, path);

		if (len > 0 && n < FS_PATH_MAX && access(out, X_OK) == 0)
			return true;
		path += len + (path[len] == ':');
	}
	return false;
}

/* Start git; its pid, 0 where there is none, -1. */
static pid_t start(const char *const *arguments,
                   const struct git_environment *environment, int *answer,
                   struct err *err)
{
	const char *folders =
		environment->path != NULL ? environment->path : PATH_DEFAULT;
	char program[FS_PATH_MAX];
	char path[2 * FS_PATH_MAX];
	char home[FS_PATH_MAX];
	char *const variables[] = { path,
		                    home,
		                    (char *)(uintptr_t) "LC_ALL=C",
		                    (char *)(uintptr_t) "GIT_OPTIONAL_LOCKS=0",
		                    (char *)(uintptr_t) "GIT_PAGER=cat",
		                    NULL };
	posix_spawn_file_actions_t actions;
	AUTO_CLOSE int ours = -1;
	AUTO_CLOSE int theirs = -1;
	int fds[2] = { -1, -1 };
	pid_t pid = 0;
	int failed;

	(void)snprintf(path, sizeof path, "PATH=%s", folders);
	(void)snprintf(home, sizeof home, "HOME=%s",
	               environment->home != NULL ? environment->home : "/");
	if (!find_git(folders, program))
		return 0;
	if (posix_spawn_file_actions_init(&actions) != 0)
		return err_nomem(err);
	failed = open_answer(&actions, fds, err);
	ours = fds[0];
	theirs = fds[1];
	if (failed == 0)
		failed = posix_spawn(&pid, program, &actions, NULL,
		                     (char *const *)(uintptr_t)arguments,
		                     variables);
	(void)posix_spawn_file_actions_destroy(&actions); /* never fails */
	if (failed < 0)
		return -1;
	if (failed == ENOENT || failed == EACCES)
		return 0;
	if (failed != 0)
		return err_set(err, ERR_SYSTEM, failed, "starting git");
	*answer = TAKE_FD(ours);
	return pid;
}

static int wait_for(pid_t pid, int *status, struct err *err)
{
	while (waitpid(pid, status, 0) < 0)
		if (errno != EINTR)
			return err_set(err, ERR_SYSTEM, errno,
			               "waiting for git");
	return 0;
}

/* Run git; 1 with the first line of its answer when it succeeded, 0 when it
 * did not. */
static int ask(const char *folder, const struct git_environment *environment,
               const char *const *question, struct buf *answer, struct err *err)
{
	const char *arguments[ARGUMENTS_MAX + 1] = { "git", "-c",
		                                     "core.fsmonitor=false",
		                                     "-C", folder };
	AUTO_CLOSE int out = -1;
	size_t count = 5;
	int status;
	int read;
	pid_t pid;

	for (; *question != NULL && count < ARGUMENTS_MAX; question++)
		arguments[count++] = *question;
	pid = start(arguments, environment, &out, err);
	if (pid <= 0)
		return (int)pid;
	answer->len = 0;
	read = fs_read_fd(out, answer, err);
	cleanup_close(&out); /* a git that writes on then ends */
	out = -1;
	if (read < 0) {
		struct err ignored; /* the first failure is the one to tell */

		(void)wait_for(pid, &status, &ignored);
		return err_wrap(err, "reading what git says");
	}
	if (wait_for(pid, &status, err) < 0)
		return -1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

struct questions {
	const char *folder;
	const struct git_environment *environment;
	struct buf answer;
};

#define ASK(q, err, ...)                                                       \
	ask((q)->folder, (q)->environment,                                     \
	    (const char *const[]){ __VA_ARGS__, NULL }, &(q)->answer, err)

/* Copy the first line of the answer; what release.ini cannot hold counts as
 * not known. */
static void take_line(const struct buf *answer, char out[RELEASE_VALUE_SIZE])
{
	const char *text = buf_text(answer);
	size_t len = strcspn(text, "\n");

	if (len >= RELEASE_VALUE_SIZE || !text_is_printable(text, len) ||
	    memchr(text, ';', len) != NULL)
		len = 0;
	memcpy(out, text, len);
	out[len] = '\0';
}

void git_strip_credentials(char *url)
{
	char *host = strstr(url, "://");
	char *at;
	size_t end;

	if (host == NULL)
		return;
	host += strlen("://");
	end = strcspn(host, "/");
	at = memrchr(host, '@', end);
	if (at != NULL)
		memmove(host, at + 1, strlen(at + 1) + 1);
}

/* "<seconds> <commit>" */
static int take_commit(const struct buf *answer, struct git_facts *facts,
                       struct err *err)
{
	char line[RELEASE_VALUE_SIZE];
	uint64_t seconds;
	char *blank;

	take_line(answer, line);
	blank = strchr(line, ' ');
	if (blank == NULL || text_u64(line, (size_t)(blank - line), INT64_MAX,
	                              &seconds, err) < 0)
		return err_set(err, ERR_INTERNAL, 0,
		               "git rev-list answered '%s'", line);
	facts->commit_time = (int64_t)seconds;
	return 0;
}

static int ask_state(struct questions *q, struct git_facts *facts,
                     struct err *err)
{
	int said = ASK(q, err, "describe", "--always", "--dirty", "--abbrev=40",
	               "--exclude=*");

	if (said < 0)
		return -1;
	if (said == 1)
		take_line(&q->answer, facts->revision);
	facts->is_dirty = strstr(facts->revision, "-dirty") != NULL;
	said = ASK(q, err, "rev-parse", "--is-shallow-repository");
	if (said < 0)
		return -1;
	facts->is_shallow =
		said == 1 && strncmp(buf_text(&q->answer), "true", 4) == 0;
	return 0;
}

static int ask_names(struct questions *q, struct git_facts *facts,
                     struct err *err)
{
	int said = ASK(q, err, "describe", "--tags", "--always", "--dirty");

	if (said < 0)
		return -1;
	if (said == 1)
		take_line(&q->answer, facts->described);
	said = ASK(q, err, "describe", "--tags", "--exact-match", "HEAD");
	if (said < 0)
		return -1;
	if (said == 1)
		take_line(&q->answer, facts->tag);
	said = ASK(q, err, "config", "--get", "remote.origin.url");
	if (said < 0)
		return -1;
	if (said == 1)
		take_line(&q->answer, facts->repository);
	git_strip_credentials(facts->repository);
	return 0;
}

static int ask_all(struct questions *q, struct git_facts *facts,
                   struct err *err)
{
	int said =
		ASK(q, err, "rev-list", "--max-count=1", "--timestamp", "HEAD");

	if (said <= 0)
		return said;
	facts->is_repository = true;
	if (take_commit(&q->answer, facts, err) < 0 ||
	    ask_state(q, facts, err) < 0)
		return -1;
	return ask_names(q, facts, err);
}

int git_look(const char *folder, const struct git_environment *environment,
             struct git_facts *out, struct err *err)
{
	struct questions q = { .folder = folder,
		               .environment = environment,
		               .answer = BUF_LIMIT(ANSWER_MAX) };
	struct git_facts facts = { .is_repository = false };
	int result = ask_all(&q, &facts, err);

	buf_done(&q.answer);
	if (result < 0)
		return err_wrap(err, "asking git about '%s'", folder);
	*out = facts;
	return 0;
}

int git_differs(const char *folder, const struct git_environment *environment,
                const char *except, struct err *err)
{
	struct questions q = { .folder = folder,
		               .environment = environment,
		               .answer = BUF_LIMIT(ANSWER_MAX) };
	char pattern[FS_PATH_MAX + 32];
	int said;

	(void)snprintf(pattern, sizeof pattern, ":(exclude,literal)%s", except);
	said = ASK(&q, err, "diff", "--quiet", "HEAD", "--", ":/", pattern);
	buf_done(&q.answer);
	if (said < 0)
		return err_wrap(err, "asking git about '%s'", folder);
	return said == 0;
}
