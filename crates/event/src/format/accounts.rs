//! Changes of accounts: `useradd`, `usermod`, `userdel`, `groupadd`, `gpasswd`, `passwd`, `chage`.
//!
//! `user` is the account that changes, `group` the group, `action` what happens to them.

use super::Context;
use super::pam;
use super::pattern::{self, Pattern, t};
use crate::record::{Kind, Record};

const USER_CREATED: &[(&str, &str)] = &[("action", "user_created")];
const USER_DELETED: &[(&str, &str)] = &[("action", "user_deleted")];
const USER_CHANGED: &[(&str, &str)] = &[("action", "user_changed")];
const GROUP_CREATED: &[(&str, &str)] = &[("action", "group_created")];
const GROUP_DELETED: &[(&str, &str)] = &[("action", "group_deleted")];
const GROUP_CHANGED: &[(&str, &str)] = &[("action", "group_changed")];
const MEMBER_ADDED: &[(&str, &str)] = &[("action", "group_member_added")];
const MEMBER_REMOVED: &[(&str, &str)] = &[("action", "group_member_removed")];
const PASSWORD: &[(&str, &str)] = &[("action", "password_changed"), ("status", "success")];

static PATTERNS: &[Pattern] = &[
    t(
        "new user: name={user}, UID={uid}, GID={gid}, home={home}, shell={shell}, from={tty}",
        USER_CREATED,
    ),
    t("new user: name={user}, UID={uid}, GID={gid}, home={home}, shell={shell}", USER_CREATED),
    t("new user: name={user}, uid={uid}, gid={gid}, home={home}, shell={shell}", USER_CREATED),
    t(
        "failed adding user '{user}', {reason}",
        &[("action", "user_created"), ("status", "failure")],
    ),
    t(
        "failed adding user `{user}', {reason}",
        &[("action", "user_created"), ("status", "failure")],
    ),
    t("new group: name={group}, GID={gid}", GROUP_CREATED),
    t("new group: name={group}, gid={gid}", GROUP_CREATED),
    t("group added to {file}: name={group}, GID={gid}", GROUP_CREATED),
    t("group added to {file}: name={group}", GROUP_CREATED),
    t("add '{user}' to shadow group '{group}'", MEMBER_ADDED),
    t("add '{user}' to group '{group}'", MEMBER_ADDED),
    t("add `{user}' to shadow group `{group}'", MEMBER_ADDED),
    t("add `{user}' to group `{group}'", MEMBER_ADDED),
    t("user {user} added by {by} to group {group}", MEMBER_ADDED),
    t("user {user} removed by {by} from group {group}", MEMBER_REMOVED),
    t("delete '{user}' from shadow group '{group}'", MEMBER_REMOVED),
    t("delete '{user}' from group '{group}'", MEMBER_REMOVED),
    t("delete `{user}' from group `{group}'", MEMBER_REMOVED),
    t("delete user '{user}'", USER_DELETED),
    t("delete user `{user}'", USER_DELETED),
    t("remove group '{group}'{}", GROUP_DELETED),
    t("removed group '{group}' owned by '{}", GROUP_DELETED),
    t("group '{group}' removed{}", GROUP_DELETED),
    t("group '{group}' removed from {file}", GROUP_DELETED),
    t("group changed in {file} ({}", GROUP_CHANGED),
    t("change user name '{user}' to '{target_user}'", USER_CHANGED),
    t("change user '{user}' {change} from '{old}' to '{new}'", USER_CHANGED),
    t("change user '{user}' {change}", USER_CHANGED),
    t("change user `{user}' {change} from `{old}' to `{new}'", USER_CHANGED),
    t("change user `{user}' {change}", USER_CHANGED),
    t("lock user '{user}' password", &[("action", "user_locked")]),
    t("unlock user '{user}' password", &[("action", "user_unlocked")]),
    t("password for '{user}' changed by '{by}'", PASSWORD),
    t("password for {user} changed by {by}", PASSWORD),
    t("password changed for {user}", PASSWORD),
    t("changed password expiry for {user}", USER_CHANGED),
    t("changed user '{user}' {}", USER_CHANGED),
    t("changed user `{user}' {}", USER_CHANGED),
];

/// Reads a message of the tools that change accounts.
pub fn parse<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    record.kind = Kind::named("accounts");
    if !pam::fields(message, record) {
        pattern::apply(PATTERNS, message, record);
    }
    true
}
