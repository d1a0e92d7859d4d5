//! The tables as diesel knows them: column for column what `migrations/` builds.

diesel::table! {
    instance (id) {
        id -> BigInt,
        shard -> SmallInt,
        revision -> BigInt,
        document -> Binary,
        head -> Binary,
    }
}

diesel::table! {
    event (instance, revision) {
        shard -> SmallInt,
        instance -> BigInt,
        revision -> BigInt,
        at_ms -> BigInt,
        actor -> Nullable<Text>,
        command -> Text,
        body -> Binary,
        hash -> Binary,
    }
}

diesel::table! {
    open_task (principal, taken, due_ms, opened_ms, instance, task) {
        principal -> Text,
        taken -> SmallInt,
        due_ms -> BigInt,
        opened_ms -> BigInt,
        instance -> BigInt,
        task -> Integer,
        shard -> SmallInt,
        step -> Text,
        assignee -> Nullable<Text>,
    }
}

diesel::table! {
    wake (due_ms, instance) {
        due_ms -> BigInt,
        instance -> BigInt,
        shard -> SmallInt,
    }
}

diesel::table! {
    awaited (subject, ready_ms, instance, place) {
        subject -> Text,
        ready_ms -> BigInt,
        instance -> BigInt,
        place -> Integer,
        shard -> SmallInt,
    }
}

diesel::table! {
    attachment (instance, sha256) {
        instance -> BigInt,
        sha256 -> Text,
        shard -> SmallInt,
        bytes -> Binary,
    }
}

diesel::table! {
    case_row (id) {
        id -> BigInt,
        shard -> SmallInt,
        number -> Text,
        title -> Text,
        process -> Text,
        definition -> Binary,
        status -> Text,
        stage -> Text,
        priority -> Nullable<Text>,
        requester -> Text,
        team -> Nullable<Text>,
        service -> Nullable<Text>,
        started_ms -> BigInt,
        updated_ms -> BigInt,
        ended_ms -> Nullable<BigInt>,
        due_ms -> Nullable<BigInt>,
    }
}

diesel::table! {
    outbox (at_ms, instance, revision, ordinal) {
        at_ms -> BigInt,
        instance -> BigInt,
        revision -> BigInt,
        ordinal -> Integer,
        shard -> SmallInt,
        body -> Text,
        tries -> Integer,
        retry_ms -> BigInt,
        problem -> Nullable<Text>,
        holder -> Nullable<Text>,
    }
}

diesel::table! {
    node (name) {
        name -> Text,
        beat -> BigInt,
    }
}

diesel::table! {
    shard_lease (slice) {
        slice -> SmallInt,
        holder -> Nullable<Text>,
        epoch -> BigInt,
    }
}

diesel::table! {
    notification (person, at_ms, effect) {
        person -> Text,
        at_ms -> BigInt,
        effect -> Text,
        text_en -> Text,
        text_zh -> Text,
        link -> Text,
        read_at_ms -> Nullable<BigInt>,
    }
}

diesel::table! {
    definition (process, version) {
        process -> Text,
        version -> Integer,
        id -> Text,
        source -> Text,
        parts -> Text,
        deployed_at_ms -> BigInt,
        author -> Text,
        approver -> Text,
        reason -> Text,
        change_record -> Nullable<Text>,
    }
}

diesel::table! {
    number_block (process, year) {
        process -> Text,
        year -> SmallInt,
        next -> BigInt,
    }
}

diesel::table! {
    register_definition (name, version) {
        name -> Text,
        version -> Integer,
        id -> Text,
        source -> Text,
        body -> Text,
        deployed_at_ms -> BigInt,
        author -> Text,
        approver -> Text,
        reason -> Text,
        change_record -> Nullable<Text>,
    }
}

diesel::table! {
    entry_revision (register, entry, revision) {
        register -> Text,
        entry -> Text,
        revision -> Integer,
        at_ms -> BigInt,
        by_person -> Nullable<Text>,
        under_record -> Nullable<Text>,
        reason -> Text,
        label_en -> Text,
        label_zh -> Text,
        fields -> Text,
    }
}

diesel::table! {
    register_entry (register, entry) {
        register -> Text,
        entry -> Text,
        label_en -> Text,
        label_zh -> Text,
        fields -> Text,
    }
}

diesel::table! {
    calendar (id) {
        id -> Text,
        body -> Text,
    }
}

diesel::table! {
    person (id) {
        id -> Text,
        sign_in -> Text,
        name_en -> Text,
        name_zh -> Text,
        email -> Text,
        language -> Text,
        state -> Text,
    }
}

diesel::table! {
    standing (person, kind, name) {
        person -> Text,
        kind -> Text,
        name -> Text,
    }
}

diesel::table! {
    password (person) {
        person -> Text,
        hash -> Text,
        set_at_ms -> BigInt,
    }
}

diesel::table! {
    session (token_hash) {
        token_hash -> Binary,
        person -> Text,
        opened_at_ms -> BigInt,
        expires_at_ms -> BigInt,
        csrf -> Text,
    }
}

diesel::table! {
    setting (name) {
        name -> Text,
        value -> Text,
        set_by -> Text,
        set_at_ms -> BigInt,
    }
}

diesel::table! {
    audit (sequence) {
        sequence -> BigInt,
        at_ms -> BigInt,
        actor -> Nullable<Text>,
        kind -> Text,
        subject -> Text,
        body -> Text,
        hash -> Binary,
    }
}

diesel::table! {
    batch (id) {
        id -> BigInt,
        body -> Text,
        reason -> Text,
        ordered_by -> Text,
        ordered_at_ms -> BigInt,
        total -> BigInt,
        state -> Text,
        ended_at_ms -> Nullable<BigInt>,
        holder -> Nullable<Text>,
        held_until_ms -> BigInt,
    }
}

diesel::table! {
    batch_line (batch, instance) {
        batch -> BigInt,
        instance -> BigInt,
        shard -> SmallInt,
        revision -> Nullable<BigInt>,
        why -> Nullable<Text>,
    }
}

diesel::table! {
    legal_hold (id) {
        id -> BigInt,
        reason -> Text,
        placed_by -> Text,
        placed_at_ms -> BigInt,
        released_by -> Nullable<Text>,
        released_at_ms -> Nullable<BigInt>,
        release_reason -> Nullable<Text>,
    }
}

diesel::table! {
    held_record (instance, hold) {
        hold -> BigInt,
        instance -> BigInt,
    }
}

diesel::table! {
    access_token (id) {
        id -> BigInt,
        token_hash -> Binary,
        person -> Text,
        label -> Text,
        made_by -> Text,
        made_at_ms -> BigInt,
        expires_at_ms -> BigInt,
        revoked_at_ms -> Nullable<BigInt>,
        used_at_ms -> Nullable<BigInt>,
    }
}

diesel::table! {
    searched (instance) {
        instance -> BigInt,
        shard -> SmallInt,
        revision -> BigInt,
        edition -> SmallInt,
    }
}

diesel::table! {
    saved_view (id) {
        id -> BigInt,
        owner -> Text,
        name -> Text,
        query -> Text,
        shared_with -> Nullable<Text>,
    }
}

diesel::table! {
    watch (instance, person) {
        instance -> BigInt,
        person -> Text,
        shard -> SmallInt,
        since_ms -> BigInt,
    }
}

diesel::table! {
    snoozed (person, instance, task) {
        person -> Text,
        instance -> BigInt,
        task -> Integer,
        until_ms -> BigInt,
    }
}

diesel::table! {
    preference (person, name) {
        person -> Text,
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    schedule_reached (process, place) {
        process -> Text,
        place -> SmallInt,
        reached_ms -> BigInt,
    }
}

diesel::table! {
    correlation (process, message, message_key) {
        process -> Text,
        message -> Text,
        message_key -> Text,
        instance -> BigInt,
    }
}

diesel::table! {
    measured (process, measure, day, split, amount, instance) {
        process -> Text,
        measure -> Text,
        day -> Text,
        split -> Text,
        amount -> BigInt,
        instance -> BigInt,
        shard -> SmallInt,
        priority -> Nullable<Text>,
        team -> Nullable<Text>,
        service -> Nullable<Text>,
    }
}

diesel::table! {
    measured_record (instance) {
        instance -> BigInt,
        shard -> SmallInt,
        revision -> BigInt,
        definition -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(case_row, outbox, instance);
diesel::allow_tables_to_appear_in_same_query!(measured_record, case_row);
diesel::allow_tables_to_appear_in_same_query!(measured_record, instance);
diesel::allow_tables_to_appear_in_same_query!(attachment, instance);
diesel::allow_tables_to_appear_in_same_query!(case_row, batch_line);
diesel::allow_tables_to_appear_in_same_query!(standing, person);
diesel::allow_tables_to_appear_in_same_query!(case_row, held_record);
diesel::allow_tables_to_appear_in_same_query!(case_row, correlation);
diesel::allow_tables_to_appear_in_same_query!(searched, case_row);
diesel::allow_tables_to_appear_in_same_query!(searched, instance);
diesel::allow_tables_to_appear_in_same_query!(watch, instance);
