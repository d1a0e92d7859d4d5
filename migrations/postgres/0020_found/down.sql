UPDATE awaited SET subject = 'found:' || substr(subject, 6)
WHERE subject >= 'open:' AND subject < 'open;' OR subject >= 'over:' AND subject < 'over;';
